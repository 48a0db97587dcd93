# name: b-explored-low-power-and-knob
# desc: low power and then d3cold_allowed (vfio-pm explore)
# topos: b
# settle: 0
# quiet: 0
bind 0000:01:00.0
sleep 3000
open 0000:01:00.0
feature 0000:01:00.0 set 3
sysfs_write 0000:01:00.0 d3cold_allowed 0

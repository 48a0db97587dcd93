# name: m-explored-open-and-first-knob
# desc: an open that meets d3cold_allowed of the first function (vfio-pm explore)
# topos: m
# settle: 0
# quiet: 0
bind 0000:01:00.0
bind 0000:01:00.1
sleep 3000
par { open 0000:01:00.1 } { sleep 1 ; sysfs_write 0000:01:00.0 d3cold_allowed 0 }

# name: plug-hold
# desc: while a removal waits for the user, nobody else of the host gets on
# topos: b-hp hp
bind ep
open ep
unplug rp
sleep 5500
par { sysfs_write rp rescan 1 } { slot_read rp power } { slot_write rp power 1 } { sleep 2000 ; close ep }
sleep 2000
slot_read rp power

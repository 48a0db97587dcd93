# name: plug-remove-rescan
# desc: the administrator removes a card that sleeps, and looks again
# topos: b-hp hp
bind ep
sleep 500
sysfs_write ep remove 1
sleep 500
slot_read rp power
slot_read rp adapter
sysfs_write rp rescan 1
sleep 500
bind ep
open ep
cfg_write ep PM+4 0300
par { sysfs_write ep remove 1 } { sleep 1000 ; cfg_read ep PM+4 2 ; close ep }
sleep 500
sysfs_write rp rescan 1
sleep 500
sysfs_write ep remove 1
slot_write rp power 0
sleep 500
slot_write rp power 1
sleep 500

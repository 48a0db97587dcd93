# name: remove-unplug
# desc: a card that was removed is taken out, and one comes
# topos: b-hp hp
bind ep
sysfs_write ep remove 1
sleep 500
slot_write rp power 0
sleep 500
sysfs_write rp rescan 1
sleep 500
slot_read rp power
slot_write rp power 1
sleep 500
bind ep
open ep
feature ep set 3
par { sysfs_write ep remove 1 } { sleep 500 ; feature ep set 5 ; close ep }

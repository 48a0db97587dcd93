# name: suspend-open
# desc: the machine goes to sleep and back under a user who has made his device master of the bus
bind ep
open ep
cfg_write ep 4 0600
suspend freeze platform
cfg_read ep 4 2
sysfs_read ep power_state
suspend mem platform
cfg_read ep 4 2
suspend freeze devices
cfg_read ep 4 2
close ep
sleep 1500

# name: suspend-d3hot
# desc: the machine goes to sleep and back while a guest has its device in D3hot
bind ep
open ep
cfg_write ep 4 0600
cfg_write ep PM+4 0300
suspend freeze platform
cfg_read ep PM+4 2
sysfs_read ep power_state
cfg_write ep PM+4 0300
suspend freeze devices
cfg_read ep PM+4 2
sysfs_read ep power_state
cfg_write ep PM+4 0000
close ep
sleep 1500

# name: suspend-unbound
# desc: the machine goes to sleep and back with a function that no driver has, and with one that pci-stub has
suspend freeze platform
sysfs_read ep power_state
bind ep driver=pci-stub
suspend freeze platform
sysfs_read ep power_state
host_cfg_read ep 4 2
suspend mem platform
sysfs_read ep power_state
host_cfg_read ep 4 2
suspend freeze devices
sysfs_read ep power_state
unbind ep
sleep 1500

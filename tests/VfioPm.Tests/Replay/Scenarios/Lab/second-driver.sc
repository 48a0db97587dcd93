# name: second-driver
# desc: a driver without runtime PM gets the function from vfio-pci, and gives it back
bind ep
sleep 400
unbind ep
bind ep driver=pci-stub
sleep 400
sysfs_read ep power_state
host_cfg_read ep 4 2
sysfs_write ep power/control auto
sleep 400
sysfs_write ep reset 1
sysfs_write ep power/control on
unbind ep
bind ep
open ep
cfg_write ep 4 0600
feature ep set 3
sleep 200
feature ep set 5
cfg_write ep PM+4 0300
close ep
unbind ep
bind ep driver=pci-stub
unbind ep

# name: took-wakes
# desc: how long whoever wakes the function waits, from D3cold and from D3hot, and what writes of PMCSR take
bind ep
sleep 400
host_cfg_read ep 0 4
host_cfg_write ep 0x3c 0a
host_cfg_read ep 0 64
sysfs_write ep power/control on
sysfs_write ep power/control auto
sysfs_read ep power_state
host_cfg_read rp 0 4
sysfs_write rp power/control on
host_cfg_read ep 0 4
sysfs_write ep power/control on
sysfs_write rp power/control auto
sysfs_write ep power/control auto
open ep
cfg_write ep 4 0600
cfg_write ep PM+4 0300
cfg_write ep PM+4 0000
cfg_write ep PM+4 0100
cfg_write ep PM+4 0200
cfg_write ep PM+4 0300
bar_read ep M 8 4
cfg_write ep PM+4 0000
feature ep set 3
cfg_read ep 0 4
bar_read ep M 8 4
bar_write ep M 8 00000000
info ep
region_info ep 0
set_irqs ep 0 trigger eventfd 0 1
feature ep set 4 efd=wake
cfg_read ep 0 4
feature ep set 5
feature ep set 3
cfg_write ep PM+4 0300
feature ep set 5
cfg_write ep PM+4 0000
sysfs_write ep d3cold_allowed 0
feature ep set 3
sleep 200
cfg_read ep 0 4
sysfs_write ep power/control on
sysfs_write ep power/control auto
feature ep set 5
sysfs_write ep d3cold_allowed 1
close ep
unbind ep

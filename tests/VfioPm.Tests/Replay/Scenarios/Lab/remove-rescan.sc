# name: remove-rescan
# desc: a function is removed in each power state, and found again
bind ep
sleep 400
sysfs_write ep remove 1
sleep 300
sysfs_write rp rescan 1
sleep 400
sysfs_read ep power_state
bind ep
sleep 400
open ep
cfg_write ep 4 0600
bar_read ep M 8 4
close ep
unbind ep
sysfs_write ep remove 1
sysfs_write rp rescan 1
sysfs_read ep power_state
bind ep
open ep
cfg_write ep PM+4 0300
par { sysfs_write ep remove 1 } { sleep 50 ; cfg_read ep PM+4 2 ; close ep }
sysfs_write rp rescan 1
bind ep
open ep
feature ep set 3
sleep 200
par { sysfs_write ep remove 1 } { sleep 300 ; cfg_read ep 0 4 ; close ep }
sleep 400
sysfs_write rp rescan 1
sleep 400
bind ep
sleep 200
unbind ep

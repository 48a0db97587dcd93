# name: par-wakes
# desc: several who wake a sleeping device at once, and who come while it falls asleep
bind ep
sleep 400
par { host_cfg_read ep 0 4 } { sleep 20 ; host_cfg_read ep 0 4 } { sleep 40 ; sysfs_read ep power/runtime_status }
open ep
cfg_write ep 4 0600
feature ep set 3
sleep 200
par { cfg_read ep 4 2 } { sleep 20 ; bar_read ep M 8 4 } { sleep 30 ; host_cfg_read ep 4 2 }
sleep 200
par { feature ep set 5 } { sleep 20 ; cfg_read ep 4 2 }
par { feature ep set 3 ; sleep 5 ; cfg_read ep 0 4 } { sleep 40 ; sysfs_write ep power/control on }
sysfs_write ep power/control auto
sleep 200
par { sysfs_write ep power/control on } { sleep 20 ; sysfs_write ep power/control auto }
feature ep set 5
cfg_write ep PM+4 0300
par { cfg_write ep PM+4 0000 } { sleep 3 ; cfg_read ep PM+4 2 } { sleep 3 ; bar_read ep M 8 4 }
par { cfg_write ep PM+4 0300 } { sleep 3 ; bar_read ep M 8 4 } { sleep 4 ; reset ep }
cfg_read ep PM+4 2
close ep
unbind ep

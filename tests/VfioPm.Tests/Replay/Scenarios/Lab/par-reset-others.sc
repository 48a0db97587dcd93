# name: par-reset-others
# desc: what others get who come while a user resets the device
bind ep
open ep
cfg_write ep 4 0600
set_irqs ep 0 trigger eventfd 0 1
par { reset ep } { sleep 5 ; cfg_read ep 4 2 } { sleep 5 ; bar_read ep M 8 4 }
par { reset ep } { sleep 5 ; host_cfg_read ep 4 2 } { sleep 5 ; sysfs_read ep power_state }
par { reset ep } { sleep 5 ; set_irqs ep 0 mask none 0 1 }
cfg_read ep 4 2
host_cfg_read ep 4 2
set_irqs ep 0 unmask none 0 1
par { reset ep } { sleep 5 ; reset ep }
par { reset ep } { sleep 5 ; sysfs_write ep reset 1 }
par { sysfs_write ep reset 1 } { sleep 5 ; reset ep }
par { hot_reset ep } { sleep 5 ; reset ep } { sleep 5 ; cfg_read ep 4 2 }
par { reset ep } { sleep 5 ; hot_reset ep }
par { hot_reset ep } { sleep 30 ; bar_read ep M 8 4 } { sleep 30 ; cfg_write ep PM+4 0300 }
cfg_read ep PM+4 2
close ep
unbind ep

# name: par-comes-and-goes
# desc: opens, closes, binding and unbinding that meet others
bind ep
sleep 400
par { open ep } { sleep 20 ; host_cfg_read ep 0 4 }
par { close ep } { sleep 3 ; host_cfg_read ep 0 4 }
sleep 400
par { open ep } { sleep 20 ; sysfs_write ep reset 1 }
par { unbind ep } { sleep 50 ; cfg_read ep 0 4 ; reset ep ; close ep }
bind ep
sleep 400
open ep
cfg_write ep PM+4 0300
par { unbind ep } { sleep 50 ; cfg_read ep 0 4 ; close ep }
bind ep
sleep 400
par { unbind ep } { sleep 20 ; host_cfg_read ep 0 4 }
par { bind ep } { sleep 1 ; host_cfg_read ep 0 64 }
unbind ep

# name: took-resets
# desc: how long each reset takes: of whoever asks, by each way, awake, in D3hot and in low power
bind ep
sleep 400
sysfs_write ep reset 1
open ep
cfg_write ep 4 0600
reset ep
sysfs_write ep reset 1
hot_reset ep
cfg_write ep PM+4 0300
reset ep
cfg_write ep PM+4 0300
sysfs_write ep reset 1
cfg_write ep PM+4 0300
hot_reset ep
feature ep set 3
reset ep
feature ep set 5
feature ep set 3
sysfs_write ep reset 1
feature ep set 5
feature ep set 3
hot_reset ep
feature ep set 5
cfg_write ep EXP+9 80
cfg_write ep AF+4 01
cfg_read ep 0 4
close ep
unbind ep

# name: took-reset-methods
# desc: how long a reset takes by each method that the function has
bind ep
open ep
sysfs_write ep reset_method flr
reset ep
cfg_write ep PM+4 0300
reset ep
sysfs_write ep reset_method af_flr
reset ep
cfg_write ep PM+4 0300
reset ep
sysfs_write ep reset_method pm
reset ep
cfg_write ep PM+4 0300
reset ep
sysfs_write ep reset_method bus
reset ep
cfg_write ep PM+4 0300
reset ep
feature ep set 3
reset ep
sysfs_write ep reset 1
feature ep set 5
close ep
open ep
cfg_write ep PM+4 0300
close ep
unbind ep
sysfs_write ep reset 1
sysfs_write ep reset_method default

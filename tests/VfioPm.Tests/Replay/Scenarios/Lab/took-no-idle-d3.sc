# name: took-no-idle-d3
# desc: how long it takes where vfio-pci leaves unused functions in D0
# module: disable_idle_d3=1
bind ep
open ep
cfg_write ep PM+4 0300
reset ep
cfg_write ep PM+4 0300
close ep
open ep
hot_reset ep
close ep
sysfs_write ep reset 1
unbind ep

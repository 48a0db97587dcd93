# name: took-opens
# desc: how long opens and closes take in each state, and what comes before and after
bind ep
open ep
close ep
sleep 400
open ep
cfg_write ep 4 0600
cfg_write ep PM+4 0300
close ep
open ep
feature ep set 3
close ep
open ep
feature ep set 3
sleep 400
open ep again
close ep
close ep
sysfs_write ep power/control on
open ep
cfg_write ep PM+4 0300
open ep again
close ep
close ep
sysfs_write ep power/control auto
open ep
mmap ep M 0 4096
close ep keep
mmap_read ep M 8 4
munmap ep
sysfs_write ep d3cold_allowed 0
sleep 200
open ep
close ep
sysfs_write ep d3cold_allowed 1
sysfs_write rp power/control on
sleep 200
open ep
close ep
unbind ep
bind ep
unbind ep
sysfs_write rp power/control auto

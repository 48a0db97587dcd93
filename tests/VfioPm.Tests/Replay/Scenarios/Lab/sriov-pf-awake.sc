# name: sriov-pf-awake
# desc: the physical function stays in D0 while its virtual functions are enabled
# topos: i
# module: enable_sriov=1
bind ep
open ep token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
cfg_write ep 100 0300
sysfs_write ep sriov_numvfs 2
cfg_read ep 100 2
cfg_write ep 100 0300
cfg_read ep 100 2
feature ep set 3
cfg_read ep 100 2
sleep 200
feature ep set 5
sysfs_write ep sriov_numvfs 0
cfg_write ep 100 0300
cfg_read ep 100 2
cfg_write ep 100 0000
feature ep set 3
sysfs_write ep sriov_numvfs 1
sysfs_write ep sriov_numvfs 0
close ep
sysfs_write ep sriov_numvfs 1
sleep 300
sysfs_write ep sriov_numvfs 0
unbind ep

# name: sriov-idle-off
# desc: virtual functions where idle devices stay in D0
# topos: i
# module: disable_idle_d3=1 enable_sriov=1
bind ep
sysfs_write ep sriov_numvfs 2
open ep token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
open vf0
open vf0 again token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
cfg_write vf0 100 0300
feature vf0 set 3
close vf0
close ep
sysfs_write ep sriov_numvfs 0
unbind ep

# name: sriov-vf-resets
# desc: resets of a virtual function and what they reset
# topos: i
# module: enable_sriov=1
bind ep
open ep token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
sysfs_write ep sriov_numvfs 2
open vf0 token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
open vf1 token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
reset vf0
cfg_read vf0 4 2
cfg_write vf0 100 0300
reset vf0
cfg_read vf0 100 2
hot_reset_info vf0
cfg_write vf0 136 0080
cfg_read vf0 136 2
sysfs_write vf0 reset 1
close vf0
close vf1
close ep
unbind ep

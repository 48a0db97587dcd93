# name: sriov-pf-reset
# desc: a reset of the physical function gives the virtual functions back
# topos: i
# module: enable_sriov=1
bind ep
open ep token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
sysfs_write ep sriov_numvfs 2
host_cfg_read ep 288 64
reset ep
host_cfg_read ep 288 64
host_cfg_read vf0 0 64
host_cfg_read vf1 0 64
open vf0 token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
cfg_read vf0 0 64
reset ep
cfg_read vf0 0 64
cfg_read vf0 100 2
close ep
host_cfg_read ep 288 64
host_cfg_read vf0 0 64
close vf0
unbind ep

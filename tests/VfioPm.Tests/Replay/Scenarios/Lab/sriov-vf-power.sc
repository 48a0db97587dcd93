# name: sriov-vf-power
# desc: a virtual function sleeps and wakes by itself
# topos: i
# module: enable_sriov=1
bind ep
open ep token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
sysfs_write ep sriov_numvfs 2
open vf0 token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
cfg_read vf0 96 8
cfg_write vf0 100 0300
cfg_read vf0 100 2
host_cfg_read vf0 100 2
cfg_write vf0 100 0000
feature vf0 set 3
cfg_read vf0 0 4
host_cfg_read vf0 0 4
feature vf0 set 5
feature vf0 set 4 efd=wake
cfg_read vf0 0 4
eventfd_read vf0 wake
feature vf0 set 4 efd=wake
close vf0
sleep 300
open vf0 again token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
cfg_write vf0 100 0300
close vf0

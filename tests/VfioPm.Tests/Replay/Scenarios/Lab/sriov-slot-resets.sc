# name: sriov-slot-resets
# desc: a slot that pciehp serves resets a virtual function with all else that is in it
# topos: i-hp
# module: enable_sriov=1
bind ep
open ep token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
sysfs_write ep sriov_numvfs 2
sysfs_read vf0 reset_method
sysfs_read ep reset_method
hot_reset_info ep
sysfs_write vf0 reset_method bus
sysfs_write vf0 reset 1
host_cfg_read ep 4 2
sysfs_read ep sriov_numvfs
sysfs_write ep sriov_numvfs 0
close ep
unbind ep

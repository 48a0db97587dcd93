# name: sriov-enable
# desc: virtual functions come and go under vfio-pci
# topos: i
# module: enable_sriov=1
bind ep
sysfs_read ep sriov_totalvfs
sysfs_read ep sriov_numvfs
sysfs_read ep sriov_offset
sysfs_read ep sriov_stride
sysfs_read ep sriov_vf_device
sysfs_read ep sriov_drivers_autoprobe
sysfs_write ep sriov_numvfs 2
sysfs_read ep sriov_numvfs
sysfs_read ep sriov_offset
host_cfg_read ep 288 64
host_cfg_read vf0 0 64
sysfs_write ep sriov_numvfs 1
sysfs_write ep sriov_numvfs 2
sysfs_write ep sriov_numvfs 3
sysfs_write ep sriov_numvfs x
sysfs_write ep sriov_numvfs 0
sysfs_write ep sriov_numvfs 1
unbind ep

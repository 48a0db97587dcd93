# name: sriov-parameter-off
# desc: without the module parameter vfio-pci enables none
# topos: i
# module: enable_sriov=0
sysfs_write ep sriov_numvfs 1
bind ep
sysfs_write ep sriov_numvfs 1
sysfs_write ep sriov_numvfs 0
open ep
sysfs_write ep sriov_numvfs 1
close ep
unbind ep

# name: sriov-pf-unbound-between
# desc: a physical function that changes hands
# topos: i
# module: enable_sriov=1
bind ep
sysfs_write ep sriov_numvfs 2
host_cfg_read ep 296 8
unbind ep
host_cfg_read ep 296 8
sysfs_write ep sriov_numvfs 1
sysfs_read ep sriov_numvfs
bind ep
sysfs_write ep sriov_numvfs 1
unbind ep

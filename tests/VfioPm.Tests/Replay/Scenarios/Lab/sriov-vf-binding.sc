# name: sriov-vf-binding
# desc: virtual functions are vfio-pci's, and are given up and taken again
# topos: i
# module: enable_sriov=1
bind ep
sysfs_write ep sriov_drivers_autoprobe 0
sysfs_write ep sriov_numvfs 2
sysfs_read ep sriov_drivers_autoprobe
unbind vf0
host_cfg_read vf0 0 4
sysfs_read vf0 enable
bind vf0
bind vf0
open vf0
sysfs_write vf0 power/control on
sysfs_read vf0 power/control
sysfs_write vf0 power/control auto
sysfs_read vf0 power/wakeup
sysfs_read vf0 d3cold_allowed
sysfs_write vf0 enable 1
sysfs_write ep sriov_numvfs 0
sysfs_write ep sriov_drivers_autoprobe 1
sysfs_write ep sriov_drivers_autoprobe x
sysfs_write ep sriov_numvfs 2
unbind vf1
unbind ep

# name: sriov-vf-regions
# desc: regions and interrupts of a virtual function
# topos: i
# module: enable_sriov=1
bind ep
open ep token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
sysfs_write ep sriov_numvfs 2
open vf1 token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
info vf1
region_info vf1 0
region_info vf1 1
region_info vf1 2
region_info vf1 6
region_info vf1 7
region_info vf1 8
irq_info vf1 0
irq_info vf1 1
irq_info vf1 2
irq_info vf1 3
irq_info vf1 4
bar_read vf1 0 0 4
mmap vf1 0 0 4096
mmap_read vf1 0 0 4
cfg_write vf1 4 0000
mmap_read vf1 0 0 4
bar_read vf1 0 0 4
cfg_write vf1 100 0300
mmap_read vf1 0 0 4
bar_read vf1 0 0 4
cfg_write vf1 100 0000
mmap_read vf1 0 0 4
munmap vf1
close vf1
close ep
unbind ep

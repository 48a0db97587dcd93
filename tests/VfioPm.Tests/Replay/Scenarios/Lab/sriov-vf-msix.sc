# name: sriov-vf-msix
# desc: MSI-X of a virtual function
# topos: i
# module: enable_sriov=1
bind ep
open ep token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
sysfs_write ep sriov_numvfs 1
open vf0 token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
irq_info vf0 2
set_irqs vf0 2 trigger eventfd 0 1
cfg_read vf0 64 4
set_irqs vf0 2 trigger none 0 1
eventfd_read vf0 irq2.0
set_irqs vf0 0 trigger eventfd 0 1
set_irqs vf0 2 trigger none 0 0
set_irqs vf0 0 trigger eventfd 0 1
set_irqs vf0 3 trigger eventfd 0 1
set_irqs vf0 4 trigger eventfd 0 1
close vf0
close ep
unbind ep

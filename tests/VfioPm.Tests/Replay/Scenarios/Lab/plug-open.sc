# name: plug-open
# desc: the button is pressed while a user has the card, who lets go late
# topos: b-hp hp
bind ep
open ep
set_irqs ep 4 trigger eventfd 0 1
mmap ep M 0 4096
cfg_write ep 4 0600
mmap_read ep M 8 4
unplug rp
sleep 5500
eventfd_read ep irq4.0
cfg_read ep 0 4
bar_read ep M 8 4
mmap_read ep M 8 4
sleep 10500
eventfd_read ep irq4.0
info ep
reset ep
sysfs_read ep power_state
munmap ep
close ep
sleep 1000
slot_read rp power
plug rp
sleep 6000
bind ep
open ep
cfg_read ep 0 4

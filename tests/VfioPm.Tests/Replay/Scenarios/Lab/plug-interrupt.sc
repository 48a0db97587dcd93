# name: plug-interrupt
# desc: a card leaves while its interrupts are in use
# topos: b-hp hp
bind ep
open ep
cfg_write ep 4 0600
set_irqs ep 0 trigger eventfd 0 1
unplug rp
sleep 5500
cfg_read ep 4 2
set_irqs ep 0 mask none 0 1
set_irqs ep 0 unmask none 0 1
set_irqs ep 2 trigger eventfd 0 1
close ep
sleep 500
plug rp
sleep 500
bind ep
open ep
set_irqs ep 2 trigger eventfd 0 2
unplug rp
sleep 5500
bar_read ep M 8 4
close ep
sleep 500

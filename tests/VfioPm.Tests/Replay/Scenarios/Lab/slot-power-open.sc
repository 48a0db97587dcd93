# name: slot-power-open
# desc: the administrator switches the slot off while a user has the card, and waits for him
# topos: b-hp hp
bind ep
open ep
set_irqs ep 4 trigger eventfd 0 1
par { slot_write rp power 0 } { sleep 1000 ; cfg_read ep 0 4 ; eventfd_read ep irq4.0 ; sleep 10000 ; eventfd_read ep irq4.0 ; close ep }
slot_read rp power
slot_write rp power 1
sleep 500
bind ep
open ep
feature ep set 3
sleep 200
par { slot_write rp power 0 } { sleep 1000 ; bar_read ep M 8 4 ; close ep }
sleep 500
slot_write rp power 1

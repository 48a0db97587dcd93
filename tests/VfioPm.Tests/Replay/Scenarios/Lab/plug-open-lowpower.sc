# name: plug-open-lowpower
# desc: the button is pressed while the user lets his card sleep
# topos: b-hp hp
bind ep
open ep
set_irqs ep 4 trigger eventfd 0 1
feature ep set 4 efd=wake
sleep 500
unplug rp
sleep 5500
eventfd_read ep wake
eventfd_read ep irq4.0
slot_read rp power
sleep 6000
eventfd_read ep wake
eventfd_read ep irq4.0
feature ep set 5
close ep
sleep 1000
plug rp
sleep 1000
bind ep

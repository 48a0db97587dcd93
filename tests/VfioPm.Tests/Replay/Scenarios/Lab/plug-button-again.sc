# name: plug-button-again
# desc: the administrator decides while the indicator blinks
# topos: b-hp hp
unplug rp
sleep 2000
slot_write rp power 0
sleep 5000
slot_read rp power
plug rp
sleep 2000
slot_read rp power
bind ep
unplug rp
sleep 2000
slot_write rp power 1
sleep 5000
slot_read rp power

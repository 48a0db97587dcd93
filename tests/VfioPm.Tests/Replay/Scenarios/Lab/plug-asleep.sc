# name: plug-asleep
# desc: a card that sleeps leaves by the button and comes to a sleeping port
# topos: b-hp hp
bind ep
unplug rp
sleep 6000
slot_read rp adapter
sleep 6000
slot_read rp power
plug rp
sleep 6000
slot_read rp adapter
sleep 2000
bind ep

# name: slot-power
# desc: the administrator switches the slot off and on
# topos: b-hp hp
slot_read rp power
slot_write rp power 1
slot_write rp power 0
slot_read rp power
slot_read rp adapter
slot_write rp power 0
sleep 1000
slot_write rp power 1
sleep 1000
slot_read rp power
bind ep
sleep 500
slot_write rp power 0
sleep 1000
slot_read rp adapter
slot_write rp power 1
sleep 1000
slot_write rp power 2
slot_write rp power x

# name: plug-off-slot
# desc: a card leaves a slot that is off and comes again
# topos: b-hp hp
slot_write rp power 0
sleep 500
slot_read rp adapter
unplug rp
sleep 500
slot_read rp adapter
plug rp
sleep 6000
slot_read rp power
slot_read rp adapter
sysfs_read ep power_state

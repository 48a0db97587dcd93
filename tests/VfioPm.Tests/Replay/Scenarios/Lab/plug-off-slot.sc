# name: plug-off-slot
# desc: a card leaves with the power of its slot, and another comes
# topos: b-hp hp
slot_write rp power 0
sleep 500
slot_read rp adapter
plug rp
sleep 6000
slot_read rp power
slot_read rp adapter
sysfs_read ep power_state

# name: plug-unbound
# desc: a card that nobody uses leaves by the button and comes again
# topos: b-hp hp
sysfs_read ep power_state
unplug rp
sleep 6000
slot_read rp power
slot_read rp adapter
plug rp
sleep 8000
sysfs_read ep power_state
slot_read rp power
bind ep
open ep
cfg_read ep 0 4
close ep
unbind ep

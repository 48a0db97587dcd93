# name: plug-cold-knob
# desc: a card that may not lose its power leaves, and one comes that may
# topos: b-hp hp
sysfs_write ep d3cold_allowed 0
bind ep
sleep 500
unplug rp
sleep 6000
slot_read rp adapter
sleep 6000
plug rp
sleep 6000
slot_read rp adapter
sleep 1000
bind ep
sleep 500

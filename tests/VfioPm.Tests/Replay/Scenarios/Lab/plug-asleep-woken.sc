# name: plug-asleep-woken
# desc: the button is pressed below a sleeping port, and somebody wakes it
# topos: b-hp hp
bind ep
unplug rp
sleep 2000
host_cfg_read ep 0 4
sleep 3500
host_cfg_read ep 0 4
sleep 6000
sysfs_write rp power/control on
plug rp
sleep 500
sysfs_write rp power/control auto
bind ep
sleep 500
host_cfg_read ep 0 4

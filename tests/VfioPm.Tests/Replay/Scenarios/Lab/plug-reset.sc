# name: plug-reset
# desc: the user resets his card while it is to leave
# topos: b-hp hp
bind ep
open ep
cfg_write ep PM+4 0300
unplug rp
sleep 4900
reset ep
sleep 1000
reset ep
hot_reset ep
par { sysfs_write ep reset 1 } { sleep 1000 ; close ep }
sleep 1000
plug rp
sleep 6000
bind ep
sysfs_write ep reset 1

# name: plug-close-early
# desc: the user lets go while the indicator blinks, and takes the card again
# topos: b-hp hp
bind ep
open ep
cfg_write ep 4 0600
unplug rp
sleep 2000
close ep
sleep 1000
open ep
bar_read ep M 8 4
sleep 3000
bar_read ep M 8 4
cfg_write ep PM+4 0300
sleep 2000
close ep
sleep 500
plug rp
sleep 500

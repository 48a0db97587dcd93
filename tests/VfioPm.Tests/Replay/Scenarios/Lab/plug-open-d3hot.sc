# name: plug-open-d3hot
# desc: the button is pressed while the guest has its card in D3hot
# topos: b-hp hp
bind ep
open ep
cfg_write ep PM+4 0300
sleep 500
unplug rp
sleep 5500
cfg_read ep PM+4 2
cfg_write ep PM+4 0000
cfg_read ep PM+4 2
sleep 500
close ep
sleep 1000
plug rp
sleep 1000

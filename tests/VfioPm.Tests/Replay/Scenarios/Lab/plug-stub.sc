# name: plug-stub
# desc: a card that pci-stub has leaves and comes again
# topos: b-hp hp
bind ep driver=pci-stub
sysfs_write ep power/control auto
sleep 500
unplug rp
sleep 5500
host_cfg_read rp 0 4
sleep 6000
plug rp
sleep 2000
host_cfg_read rp 0 4
sleep 2000

# name: sriov-vf-config
# desc: what the user of a virtual function reads and may write in configuration space
# topos: i
# module: enable_sriov=1
bind ep
open ep token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
sysfs_write ep sriov_numvfs 2
open vf0 token=bd8d9d2b-5a5f-4f5a-a211-f591514ba1f3
cfg_read vf0 0 4
cfg_read vf0 4 4
cfg_read vf0 8 4
cfg_read vf0 12 4
cfg_read vf0 16 4
cfg_read vf0 20 4
cfg_read vf0 24 4
cfg_read vf0 28 4
cfg_read vf0 32 4
cfg_read vf0 36 4
cfg_read vf0 40 4
cfg_read vf0 44 4
cfg_read vf0 48 4
cfg_read vf0 52 4
cfg_read vf0 56 4
cfg_read vf0 60 4
cfg_read vf0 64 4
cfg_read vf0 68 4
cfg_read vf0 72 4
cfg_read vf0 76 4
cfg_read vf0 80 4
cfg_read vf0 84 4
cfg_read vf0 88 4
cfg_read vf0 92 4
cfg_read vf0 96 4
cfg_read vf0 100 4
cfg_read vf0 104 4
cfg_read vf0 108 4
cfg_read vf0 112 4
cfg_read vf0 116 4
cfg_read vf0 120 4
cfg_read vf0 124 4
cfg_read vf0 128 4
cfg_read vf0 132 4
cfg_read vf0 136 4
cfg_read vf0 140 4
cfg_read vf0 144 4
cfg_read vf0 148 4
cfg_read vf0 152 4
cfg_read vf0 156 4
cfg_read vf0 160 4
cfg_read vf0 164 4
cfg_read vf0 168 4
cfg_read vf0 172 4
cfg_read vf0 176 4
cfg_read vf0 180 4
cfg_read vf0 184 4
cfg_read vf0 188 4
cfg_read vf0 192 4
cfg_read vf0 196 4
cfg_read vf0 200 4
cfg_read vf0 204 4
cfg_read vf0 208 4
cfg_read vf0 212 4
cfg_read vf0 216 4
cfg_read vf0 220 4
cfg_read vf0 224 4
cfg_read vf0 228 4
cfg_read vf0 232 4
cfg_read vf0 236 4
cfg_read vf0 240 4
cfg_read vf0 244 4
cfg_read vf0 248 4
cfg_read vf0 252 4
cfg_read vf0 256 4
cfg_read vf0 260 4
cfg_read vf0 264 4
cfg_read vf0 268 4
cfg_read vf0 272 4
cfg_read vf0 276 4
cfg_read vf0 280 4
cfg_read vf0 284 4
cfg_read vf0 288 4
cfg_read vf0 292 4
cfg_read vf0 296 4
cfg_read vf0 300 4
cfg_read vf0 304 4
cfg_read vf0 308 4
cfg_read vf0 312 4
cfg_read vf0 316 4
cfg_read vf0 0 64
cfg_read vf0 4 2
cfg_write vf0 4 0000
cfg_read vf0 4 2
host_cfg_read vf0 4 2
bar_read vf0 0 0 8
cfg_write vf0 4 0604
cfg_read vf0 4 2
host_cfg_read vf0 4 2
cfg_write vf0 4 0600
cfg_read vf0 4 2
cfg_write vf0 16 ffffffff
cfg_read vf0 16 8
cfg_write vf0 20 ffffffff
cfg_read vf0 16 24
cfg_write vf0 48 ffffffff
cfg_read vf0 48 4
cfg_write vf0 16 00000010
cfg_read vf0 16 8
host_cfg_read vf0 16 8
cfg_write vf0 60 ff01
cfg_read vf0 60 2
host_cfg_read vf0 0 64
cfg_read ep 288 64
cfg_write ep 296 0000
cfg_read ep 296 2
close vf0
close ep
unbind ep

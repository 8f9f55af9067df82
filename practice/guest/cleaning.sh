# Runs in the guest at its very end: takes away what is of this one server, so that its disk boots anew as a first boot.
set -eu
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

# The journal is written to the memory from now on.
journalctl --relinquish-var >/dev/null 2>&1 || true
cloud-init clean --logs --seed
rm -rf /var/lib/cloud/*
rm -f /etc/ssh/ssh_host_*

# Empty and not gone: a system without one takes its units' states from its presets again.
: >/etc/machine-id
[ -L /var/lib/dbus/machine-id ] || rm -f /var/lib/dbus/machine-id
rm -f /etc/hostname /var/lib/systemd/random-seed /var/lib/systemd/credential.secret /boot/efi/loader/random-seed

# What cloud-init made of the network configuration, wherever the system has it.
rm -f /etc/netplan/50-cloud-init.yaml /etc/network/interfaces.d/50-cloud-init* /etc/systemd/network/10-cloud-init-* \
  /etc/NetworkManager/system-connections/cloud-init-* /etc/udev/rules.d/70-persistent-net.rules
for file in /etc/sysconfig/network-scripts/ifcfg-*; do
  ! grep -qs 'Created by cloud-init' "$file" || rm -f "$file"
done
rm -rf /var/lib/dhcp/* /var/lib/dhclient/* /var/lib/NetworkManager/*

# The practice guest's own.
for unit in ivc-probe.service ivc-watch.service; do
  rm -f /etc/systemd/system/$unit /etc/systemd/system/*.wants/$unit
done
rm -f /etc/cloud/cloud.cfg.d/99_ivc.cfg

! command -v apt-get >/dev/null || apt-get clean
! command -v dnf >/dev/null || dnf --quiet clean all
rm -rf /var/lib/apt/lists/* /var/log/journal/* /root/.bash_history /root/.cache
find /tmp -mindepth 1 -delete 2>/dev/null || true
find /var/log -type f -exec truncate -s 0 {} +

# A deleted file's bytes stay on the disk until its blocks are given back, or written over.
sync
for place in / /var /boot /boot/efi; do
  mountpoint -q "$place" || continue
  fstrim "$place" && continue
  dd if=/dev/zero of="$place/zeros" bs=1M 2>/dev/null || true
  sync
  rm -f "$place/zeros"
done
sync

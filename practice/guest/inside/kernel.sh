#!/bin/sh
# mmdebstrap's hook: puts a kernel, its modules and a static busybox into the root file system that $1 names. They
# are unpacked and not installed, since that would bring an initramfs generator and a boot loader.
set -eu
chroot "$1" sh -eu <<'IN'
cd /tmp
kernel=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ { print $2; exit }')
apt-get -qq download "$kernel" busybox-static
dpkg-deb -x "$kernel"_*.deb kernel
dpkg-deb -x busybox-static_*.deb busybox
mkdir -p /usr/lib/modules
mv kernel/lib/modules/* /usr/lib/modules/
mv kernel/boot/vmlinuz-* /boot/vmlinuz
mv busybox/bin/busybox /boot/busybox
rm -rf kernel busybox ./*.deb
depmod "${kernel#linux-image-}"
IN

# The example private-cloud as a competent person writes it by hand: `bench.examples` deploys it beside IvC's.

terraform {
  required_providers {
    openstack = {
      source  = "terraform-provider-openstack/openstack"
      version = "3.4.0"
    }
  }
}

provider "openstack" {}

locals {
  image  = "Debian 12"
  office = "198.51.100.0/24"
  shared = "10.0.0.100"

  servers = merge(
    { bastion-1 = { group = "bastion", address = "10.0.0.5" } },
    { for number in range(1, 4) : "web-${number}" => { group = "web", address = "10.0.0.${10 + number}" } },
  )

  rules = merge({
    bastion-ssh = { group = "bastion", family = "IPv4", protocol = "tcp", port = 22, prefix = local.office }
    }, [for family in ["IPv4", "IPv6"] : {
      "bastion-out-${family}" = { group = "bastion", family = family, direction = "egress" }
      "web-out-${family}"     = { group = "web", family = family, direction = "egress" }
      "web-ssh-${family}"     = { group = "web", family = family, protocol = "tcp", port = 22, from = "bastion" }
      "web-http-${family}"    = { group = "web", family = family, protocol = "tcp", port = 80 }
      "web-vrrp-${family}"    = { group = "web", family = family, protocol = "vrrp", from = "web" }
  }]...)
}

data "openstack_images_image_v2" "debian" {
  name        = local.image
  most_recent = true
}

data "openstack_compute_flavor_v2" "server" {
  name = "d2-2"
}

data "openstack_networking_network_v2" "internet" {
  name     = "Ext-Net"
  external = true
}

resource "openstack_networking_network_v2" "private" {
  name = "private"
}

resource "openstack_networking_subnet_v2" "private" {
  name            = "private"
  network_id      = openstack_networking_network_v2.private.id
  cidr            = "10.0.0.0/24"
  dns_nameservers = ["9.9.9.9", "149.112.112.112"]
}

resource "openstack_networking_subnet_v2" "private_6" {
  name              = "private-6"
  network_id        = openstack_networking_network_v2.private.id
  cidr              = "fd00:10::/64"
  gateway_ip        = "fd00:10::1" # Neutron would take fd00:10::
  ip_version        = 6
  ipv6_address_mode = "slaac"
  ipv6_ra_mode      = "slaac"
}

resource "openstack_networking_router_v2" "gate" {
  name                = "gate"
  external_network_id = data.openstack_networking_network_v2.internet.id
}

resource "openstack_networking_router_interface_v2" "private" {
  router_id = openstack_networking_router_v2.gate.id
  subnet_id = openstack_networking_subnet_v2.private.id
}

resource "openstack_networking_router_interface_v2" "private_6" {
  router_id = openstack_networking_router_v2.gate.id
  subnet_id = openstack_networking_subnet_v2.private_6.id
}

resource "openstack_networking_secgroup_v2" "group" {
  for_each = toset(["bastion", "web"])

  name                 = each.key
  delete_default_rules = true
}

resource "openstack_networking_secgroup_rule_v2" "rule" {
  for_each = local.rules

  security_group_id = openstack_networking_secgroup_v2.group[each.value.group].id
  direction         = try(each.value.direction, "ingress")
  ethertype         = each.value.family
  protocol          = try(each.value.protocol, null)
  port_range_min    = try(each.value.port, null)
  port_range_max    = try(each.value.port, null)
  remote_ip_prefix  = try(each.value.prefix, null)
  remote_group_id   = try(openstack_networking_secgroup_v2.group[each.value.from].id, null)
}

resource "openstack_networking_port_v2" "shared" {
  name               = "web"
  network_id         = openstack_networking_network_v2.private.id
  no_security_groups = true

  fixed_ip {
    subnet_id  = openstack_networking_subnet_v2.private.id
    ip_address = local.shared
  }
}

resource "openstack_networking_port_v2" "server" {
  for_each = local.servers

  name               = "${each.key}_private"
  network_id         = openstack_networking_network_v2.private.id
  security_group_ids = [openstack_networking_secgroup_v2.group[each.value.group].id]

  fixed_ip {
    subnet_id  = openstack_networking_subnet_v2.private.id
    ip_address = each.value.address
  }

  dynamic "allowed_address_pairs" {
    for_each = each.value.group == "web" ? [local.shared] : []
    content {
      ip_address = allowed_address_pairs.value
    }
  }

  # A port gets its IPv6 address when it is made, if the subnet is there by then.
  depends_on = [openstack_networking_subnet_v2.private_6]
}

resource "openstack_networking_floatingip_v2" "outside" {
  for_each = toset(["bastion", "web"])

  pool = data.openstack_networking_network_v2.internet.name
}

resource "openstack_networking_floatingip_associate_v2" "outside" {
  for_each = {
    bastion = openstack_networking_port_v2.server["bastion-1"].id
    web     = openstack_networking_port_v2.shared.id
  }

  floating_ip = openstack_networking_floatingip_v2.outside[each.key].address
  port_id     = each.value

  depends_on = [openstack_networking_router_interface_v2.private]
  lifecycle {
    replace_triggered_by = [openstack_networking_router_interface_v2.private]
  }
}

resource "terraform_data" "image" {
  input = local.image
}

resource "openstack_compute_instance_v2" "server" {
  for_each = local.servers

  name         = each.key
  image_id     = data.openstack_images_image_v2.debian.id
  flavor_id    = data.openstack_compute_flavor_v2.server.id
  key_pair     = "ops"
  config_drive = true
  user_data    = file("${path.module}/userdata/${each.key}")

  network {
    port = openstack_networking_port_v2.server[each.key].id
  }

  # The first boot fetches packages.
  depends_on = [
    openstack_networking_router_interface_v2.private,
    openstack_networking_router_interface_v2.private_6,
    openstack_networking_secgroup_rule_v2.rule,
  ]
  lifecycle {
    # A newer image of the same name replaces no server, another name does.
    ignore_changes       = [image_id]
    replace_triggered_by = [terraform_data.image]
  }
}

output "instances" {
  value = {
    for name, server in openstack_compute_instance_v2.server : name => {
      id           = server.id
      addresses    = sort(openstack_networking_port_v2.server[name].all_fixed_ips)
      floating_ips = name == "bastion-1" ? [openstack_networking_floatingip_v2.outside["bastion"].address] : []
    }
  }
}

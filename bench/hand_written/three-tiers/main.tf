# The example three-tiers as a competent person writes it by hand: `bench.examples` counts its lines beside IvC's.

terraform {
  required_providers {
    openstack = {
      source  = "terraform-provider-openstack/openstack"
      version = "3.4.0"
    }
  }
}

provider "openstack" {}

variable "databases" {
  type    = number
  default = 3

  validation {
    condition     = var.databases >= 3 && var.databases % 2 == 1
    error_message = "The database has an odd number of members from 3 on, of which a majority outlives the loss of one."
  }
}

variable "database_password" {
  type        = string
  sensitive   = true
  description = "What the API shows to the database"

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{16,64}$", var.database_password))
    error_message = "The password has 16 to 64 letters, digits, - and _: openssl rand -hex 24."
  }
}

locals {
  image  = "Debian 12"
  domain = "shop.example"
  site   = "www.${local.domain}"

  tiers = {
    web = { range = "10.0.1.0/24", count = 2, flavor = "d2-2" }
    api = { range = "10.0.2.0/24", count = 2, flavor = "d2-4" }
    db  = { range = "10.0.3.0/24", count = var.databases, flavor = "b2-7" }
  }

  servers = merge([
    for tier, said in local.tiers : {
      for number in range(1, said.count + 1) : "${tier}-${number}" => {
        tier = tier, number = number, address = cidrhost(said.range, 10 + number)
      }
    }
  ]...)

  balancers = {
    www = { tier = "web", protocol = "HTTPS", port = 443, pool_port = 443, monitor = "HTTPS", from = null }
    api = { tier = "api", protocol = "HTTP", port = 8080, pool_port = 8080, monitor = "HTTP", from = "web" }
    db  = { tier = "db", protocol = "TCP", port = 3306, pool_port = 3306, monitor = "TCP", from = "api" }
  }

  families = ["IPv4", "IPv6"]

  # What a server asks while it boots: names, time, packages, its address.
  booting = concat(
    [for family in local.families : { family = family, protocol = "tcp", port = 53 }],
    [for family in local.families : { family = family, protocol = "tcp", port = 80 }],
    [for family in local.families : { family = family, protocol = "tcp", port = 443 }],
    [for family in local.families : { family = family, protocol = "udp", port = 53 }],
    [for family in local.families : { family = family, protocol = "udp", port = 123 }],
    [{ family = "IPv4", protocol = "udp", port = 67 }, { family = "IPv6", protocol = "udp", port = 547 }],
  )

  # Among the members: replication, what a member missed, and whole copies.
  galera = [
    for pair in setproduct(
      [["tcp", 4567], ["udp", 4567], ["tcp", 4568], ["tcp", 4444]], local.families, ["ingress", "egress"]
    ) : { group = "db", protocol = pair[0][0], port = pair[0][1], family = pair[1], direction = pair[2], peer = "db" }
  ]

  rules = concat(
    local.galera,
    [for pair in setproduct(keys(local.tiers), local.booting) : merge(pair[1], { group = pair[0], direction = "egress" })],
    [for said in local.balancers : {
      group = said.tier, direction = "ingress", family = "IPv4", protocol = "tcp", port = said.pool_port
      range = local.tiers[said.tier].range
    }],
    [for said in local.balancers : {
      group = said.from, direction = "egress", family = "IPv4", protocol = "tcp", port = said.port
      range = "${cidrhost(local.tiers[said.tier].range, 100)}/32"
    } if said.from != null],
  )
}

data "openstack_images_image_v2" "debian" {
  name        = local.image
  most_recent = true
}

data "openstack_compute_flavor_v2" "flavor" {
  for_each = toset([for tier in local.tiers : tier.flavor])

  name = each.key
}

data "openstack_networking_network_v2" "internet" {
  name     = "Ext-Net"
  external = true
}

data "openstack_blockstorage_volume_v3" "data" {
  for_each = { for name, server in local.servers : name => server if server.tier == "db" }

  name = "${each.key}-data"
}

resource "openstack_networking_network_v2" "tier" {
  for_each = local.tiers

  name = each.key
}

resource "openstack_networking_subnet_v2" "tier" {
  for_each = local.tiers

  name            = each.key
  network_id      = openstack_networking_network_v2.tier[each.key].id
  cidr            = each.value.range
  dns_nameservers = ["9.9.9.9", "149.112.112.112"]
}

resource "openstack_networking_router_v2" "gate" {
  name                = "gate"
  external_network_id = data.openstack_networking_network_v2.internet.id
}

resource "openstack_networking_router_interface_v2" "tier" {
  for_each = local.tiers

  router_id = openstack_networking_router_v2.gate.id
  subnet_id = openstack_networking_subnet_v2.tier[each.key].id
}

resource "openstack_networking_secgroup_v2" "tier" {
  for_each = local.tiers

  name                 = each.key
  delete_default_rules = true
}

resource "openstack_networking_secgroup_rule_v2" "rule" {
  for_each = {
    for rule in local.rules : join("-", [
      rule.group, rule.direction, rule.protocol, rule.port, try(rule.peer, rule.range, "any"), rule.family
    ]) => rule
  }

  security_group_id = openstack_networking_secgroup_v2.tier[each.value.group].id
  direction         = each.value.direction
  ethertype         = each.value.family
  protocol          = each.value.protocol
  port_range_min    = each.value.port
  port_range_max    = each.value.port
  remote_group_id   = try(openstack_networking_secgroup_v2.tier[each.value.peer].id, null)
  remote_ip_prefix  = try(each.value.range, null)
}

resource "openstack_networking_port_v2" "server" {
  for_each = local.servers

  name               = "${each.key}_${each.value.tier}"
  network_id         = openstack_networking_network_v2.tier[each.value.tier].id
  security_group_ids = [openstack_networking_secgroup_v2.tier[each.value.tier].id]

  fixed_ip {
    subnet_id  = openstack_networking_subnet_v2.tier[each.value.tier].id
    ip_address = each.value.address
  }
}

resource "openstack_compute_servergroup_v2" "tier" {
  for_each = local.tiers

  name     = each.key
  policies = ["soft-anti-affinity"]
}

resource "terraform_data" "image" {
  input = local.image
}

resource "openstack_compute_instance_v2" "server" {
  for_each = local.servers

  name                = each.key
  image_id            = data.openstack_images_image_v2.debian.id
  flavor_id           = data.openstack_compute_flavor_v2.flavor[local.tiers[each.value.tier].flavor].id
  key_pair            = "ops"
  config_drive        = true
  stop_before_destroy = each.value.tier == "db"
  user_data = replace(
    replace(file("${path.module}/userdata/${each.key}"), "<var.database_password>", var.database_password),
    "<serial of volume ${each.key}-data>", try(substr(data.openstack_blockstorage_volume_v3.data[each.key].id, 0, 20), "")
  )

  network {
    port = openstack_networking_port_v2.server[each.key].id
  }

  scheduler_hints {
    group = openstack_compute_servergroup_v2.tier[each.value.tier].id
  }

  # With a volume at birth the image's disk must be said, too.
  dynamic "block_device" {
    for_each = each.value.tier == "db" ? [
      { type = "image", to = "local", id = data.openstack_images_image_v2.debian.id },
      { type = "volume", to = "volume", id = data.openstack_blockstorage_volume_v3.data[each.key].id },
    ] : []
    content {
      source_type           = block_device.value.type
      destination_type      = block_device.value.to
      uuid                  = block_device.value.id
      boot_index            = -block_device.key
      delete_on_termination = block_device.value.type == "image"
    }
  }

  # Packages come by the router, as far as the group's rules let them.
  depends_on = [openstack_networking_router_interface_v2.tier, openstack_networking_secgroup_rule_v2.rule]

  lifecycle {
    # A newer image of the same name replaces no server, another name does.
    ignore_changes       = [image_id, block_device[0].uuid]
    replace_triggered_by = [terraform_data.image]
  }
}

resource "openstack_networking_port_v2" "vip" {
  for_each = local.balancers

  name               = each.key
  network_id         = openstack_networking_network_v2.tier[each.value.tier].id
  no_security_groups = true

  fixed_ip {
    subnet_id  = openstack_networking_subnet_v2.tier[each.value.tier].id
    ip_address = cidrhost(local.tiers[each.value.tier].range, 100)
  }
}

resource "openstack_networking_floatingip_v2" "www" {
  pool = data.openstack_networking_network_v2.internet.name
}

resource "openstack_networking_floatingip_associate_v2" "www" {
  floating_ip = openstack_networking_floatingip_v2.www.address
  port_id     = openstack_networking_port_v2.vip["www"].id

  depends_on = [openstack_networking_router_interface_v2.tier]
}

resource "openstack_lb_loadbalancer_v2" "balancer" {
  for_each = local.balancers

  name          = each.key
  vip_port_id   = openstack_networking_port_v2.vip[each.key].id
  vip_subnet_id = openstack_networking_subnet_v2.tier[each.value.tier].id

  # Its own servers take addresses that are not declared.
  depends_on = [openstack_networking_port_v2.server]

  timeouts {
    create = "20m"
    update = "20m"
    delete = "20m"
  }
}

resource "openstack_lb_pool_v2" "pool" {
  for_each = local.balancers

  name            = each.value.tier
  loadbalancer_id = openstack_lb_loadbalancer_v2.balancer[each.key].id
  protocol        = each.value.protocol
  lb_method       = "ROUND_ROBIN"

  timeouts {
    create = "20m"
    update = "20m"
    delete = "20m"
  }
}

resource "openstack_lb_members_v2" "pool" {
  for_each = local.balancers

  pool_id = openstack_lb_pool_v2.pool[each.key].id

  dynamic "member" {
    for_each = { for name, server in local.servers : name => server if server.tier == each.value.tier }
    content {
      name          = member.key
      address       = member.value.address
      protocol_port = each.value.pool_port
      subnet_id     = openstack_networking_subnet_v2.tier[each.value.tier].id
      weight        = 1
      # One member of the database takes the writes.
      backup = member.value.tier == "db" && member.value.number > 1
    }
  }

  depends_on = [openstack_compute_instance_v2.server]

  timeouts {
    create = "20m"
    update = "20m"
    delete = "20m"
  }
}

resource "openstack_lb_monitor_v2" "pool" {
  for_each = local.balancers

  name             = each.value.tier
  pool_id          = openstack_lb_pool_v2.pool[each.key].id
  type             = each.value.monitor
  url_path         = each.value.monitor == "TCP" ? null : "/health"
  expected_codes   = each.value.monitor == "TCP" ? null : "200"
  http_method      = each.value.monitor == "TCP" ? null : "GET"
  delay            = 5
  timeout          = 3
  max_retries      = 3
  max_retries_down = 3

  timeouts {
    create = "20m"
    update = "20m"
    delete = "20m"
  }
}

resource "openstack_lb_listener_v2" "balancer" {
  for_each = local.balancers

  name            = each.key
  loadbalancer_id = openstack_lb_loadbalancer_v2.balancer[each.key].id
  protocol        = each.value.protocol
  protocol_port   = each.value.port
  default_pool_id = openstack_lb_pool_v2.pool[each.key].id
  allowed_cidrs   = each.value.from == null ? null : [local.tiers[each.value.from].range]
  insert_headers = each.value.protocol != "HTTP" ? null : {
    X-Forwarded-For = "true", X-Forwarded-Port = "true", X-Forwarded-Proto = "true"
  }

  timeouts {
    create = "20m"
    update = "20m"
    delete = "20m"
  }
}

resource "openstack_lb_listener_v2" "http" {
  name            = "http"
  loadbalancer_id = openstack_lb_loadbalancer_v2.balancer["www"].id
  protocol        = "HTTP"
  protocol_port   = 80
  insert_headers  = { X-Forwarded-For = "true", X-Forwarded-Port = "true", X-Forwarded-Proto = "true" }

  timeouts {
    create = "20m"
    update = "20m"
    delete = "20m"
  }
}

resource "openstack_lb_l7policy_v2" "to_https" {
  name               = "to-https"
  listener_id        = openstack_lb_listener_v2.http.id
  position           = 1
  action             = "REDIRECT_PREFIX"
  redirect_prefix    = "https://${local.site}"
  redirect_http_code = 301
}

resource "openstack_lb_l7rule_v2" "to_https" {
  l7policy_id  = openstack_lb_l7policy_v2.to_https.id
  type         = "PATH"
  compare_type = "STARTS_WITH"
  value        = "/"
}

resource "openstack_dns_zone_v2" "site" {
  name  = "${local.domain}."
  email = "ops@${local.domain}"
}

resource "openstack_dns_recordset_v2" "balancer" {
  for_each = {
    www = openstack_networking_floatingip_v2.www.address
    api = cidrhost(local.tiers.api.range, 100)
    db  = cidrhost(local.tiers.db.range, 100)
  }

  zone_id = openstack_dns_zone_v2.site.id
  name    = "${each.key}.${openstack_dns_zone_v2.site.name}"
  type    = "A"
  records = [each.value]
}

output "address" {
  value       = openstack_networking_floatingip_v2.www.address
  description = "Where the site is"
}

output "url" {
  value       = "https://${local.site}/"
  description = "What it is served under"
}

output "instances" {
  value = {
    for name, server in openstack_compute_instance_v2.server : name => {
      id        = server.id
      addresses = sort(openstack_networking_port_v2.server[name].all_fixed_ips)
      tier      = local.servers[name].tier
    }
  }
}
